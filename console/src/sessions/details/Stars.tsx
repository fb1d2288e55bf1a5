// A rating: stars for the eye, words for everybody.
import { IconStar, IconStarFilled } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";

import type { SessionRating } from "../../api/types";
import { fullMoment } from "../../parts/moments";
import { Panel } from "../../parts/Page";
import classes from "./Stars.module.css";

const ALL = [1, 2, 3, 4, 5];

export function Stars({ stars, size = 15 }: { stars: number; size?: number }) {
  const { t } = useTranslation();
  return (
    <span className={classes.stars} role="img" aria-label={t("rating.stars", { count: stars })}>
      {ALL.map((one) => (one <= stars ? <IconStarFilled key={one} size={size} /> : <IconStar key={one} size={size} className={classes.empty} />))}
    </span>
  );
}

export function RatingPanel({ rating }: { rating: SessionRating }) {
  const { t, i18n } = useTranslation();
  return (
    <Panel title={t("rating.title")}>
      <span title={fullMoment(rating.at, i18n.language)}>
        <Stars stars={rating.stars} size={22} />
      </span>
      {rating.words ? <blockquote className={classes.words}>{rating.words}</blockquote> : <p className={classes.none}>{t("rating.noWords")}</p>}
    </Panel>
  );
}
