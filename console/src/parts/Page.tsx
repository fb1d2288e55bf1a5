// How every page begins and how its parts are framed: title, what it is about, what one can do.
import { useDocumentTitle } from "@mantine/hooks";
import type { ReactNode } from "react";

import classes from "./Page.module.css";

interface PageProps {
  title: string;
  /** Beside the title: a count, a badge. */
  aside?: ReactNode;
  subtitle?: ReactNode;
  actions?: ReactNode;
  /** Lists use the whole width; text and forms stay readable. */
  wide?: boolean;
  children: ReactNode;
}

export function Page({ title, aside, subtitle, actions, wide = false, children }: PageProps) {
  useDocumentTitle(`${title} · Mayday`);
  return (
    <div className={classes.page} data-wide={wide || undefined}>
      <header className={classes.header}>
        <div className={classes.titles}>
          <h1 className={classes.title}>
            {title}
            {aside}
          </h1>
          {subtitle && <div className={classes.subtitle}>{subtitle}</div>}
        </div>
        {actions && <div className={classes.actions}>{actions}</div>}
      </header>
      {children}
    </div>
  );
}

interface PanelProps {
  title: string;
  actions?: ReactNode;
  className?: string;
  children: ReactNode;
}

export function Panel({ title, actions, className = "", children }: PanelProps) {
  return (
    <section className={`${classes.panel} ${className}`} aria-label={title}>
      <div className={classes.panelHead}>
        <h2 className={classes.panelTitle}>{title}</h2>
        {actions}
      </div>
      {children}
    </section>
  );
}

interface EmptyProps {
  icon: ReactNode;
  title: string;
  hint: string;
  action?: ReactNode;
  /** It is all that the page says: its title is the page's. */
  alone?: boolean;
}

/** Nothing to show: says why, and what to do next. */
export function Empty({ icon, title, hint, action, alone = false }: EmptyProps) {
  const Title = alone ? "h1" : "h2";
  return (
    <div className={classes.empty}>
      <div className={classes.emptyIcon}>{icon}</div>
      <Title className={classes.emptyTitle}>{title}</Title>
      <p className={classes.emptyHint}>{hint}</p>
      {action}
    </div>
  );
}
