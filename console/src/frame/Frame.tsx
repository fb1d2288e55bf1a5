// The frame around every page: navigation beside it (below it on a phone), the page itself, and where the focus goes.
import { useRouterState, Outlet } from "@tanstack/react-router";
import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";

import { CommandPalette } from "./CommandPalette";
import classes from "./Frame.module.css";
import { Navigation } from "./Navigation";
import { PhoneTabs } from "./PhoneTabs";

export function Frame() {
  const { t } = useTranslation();
  const path = useRouterState({ select: (state) => state.resolvedLocation?.pathname });
  const content = useRef<HTMLElement>(null);
  const first = useRef(true);

  // A new page: keyboard and screen reader start at its beginning, not at the link that led there.
  useEffect(() => {
    if (first.current) first.current = false;
    else content.current?.focus({ preventScroll: true });
  }, [path]);

  return (
    <div className={classes.frame}>
      <a href="#content" className={classes.skip}>
        {t("frame.skip")}
      </a>
      <Navigation />
      <main id="content" ref={content} tabIndex={-1} className={classes.content}>
        <Outlet />
      </main>
      <PhoneTabs />
      <CommandPalette />
    </div>
  );
}
