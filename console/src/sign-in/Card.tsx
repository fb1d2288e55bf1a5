// The quiet card on which somebody signs in or sets up an account: whose gateway this is, and the form.
import { useDocumentTitle } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";

import { systemQuery } from "../api/queries";
import { Mark } from "../parts/Mark";
import { LanguageChoice } from "../account/LanguageChoice";
import classes from "./Card.module.css";

interface CardProps {
  title: string;
  text?: string;
  children: ReactNode;
}

export function Card({ title, text, children }: CardProps) {
  useDocumentTitle(`${title} · Mayday`);
  const organisation = useQuery(systemQuery).data?.organisation;
  return (
    <div className={classes.page}>
      <main className={classes.card}>
        <div className={classes.brand}>
          <Mark size={40} />
          <div>
            <div className={classes.name}>Mayday</div>
            <div className={classes.organisation}>{organisation ?? "\u00a0"}</div>
          </div>
        </div>
        <h1 className={classes.title}>{title}</h1>
        {text && <p className={classes.text}>{text}</p>}
        {children}
      </main>
      <footer className={classes.footer}>
        <LanguageChoice />
      </footer>
    </div>
  );
}
