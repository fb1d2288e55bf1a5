// Bars over days: for the eye only. The same numbers stand in the table behind it, for everybody.
import { useState } from "react";

import classes from "./Reports.module.css";

export interface Bar {
  key: string;
  label: string;
  value: number | null;
  /** The value in words. */
  words: string;
}

const HEIGHT = 130;
const WIDTH = 380;
/** As many as fit beside each other in every language. */
const LABELS = 5;

export function Bars({ bars, title, color }: { bars: Bar[]; title: string; color: string }) {
  const [over, setOver] = useState<Bar | null>(null);
  const highest = Math.max(...bars.map((bar) => bar.value ?? 0));
  const step = WIDTH / Math.max(bars.length, 1);
  const every = Math.ceil(bars.length / LABELS);
  return (
    <figure className={classes.figure}>
      <figcaption className={classes.caption}>
        <span>{title}</span>
        <span className={classes.pointed}>{over && `${over.label}: ${over.words}`}</span>
      </figcaption>
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT + 20}`} className={classes.bars} aria-hidden onPointerLeave={() => setOver(null)}>
        <line x1={0} x2={WIDTH} y1={HEIGHT} y2={HEIGHT} className={classes.axis} />
        {bars.map((bar, index) => {
          const height = highest > 0 && bar.value ? Math.max(2, (bar.value / highest) * (HEIGHT - 10)) : 0;
          return (
            <g key={bar.key} onPointerEnter={() => setOver(bar)}>
              <rect x={index * step} y={0} width={step} height={HEIGHT} fill="transparent" />
              <rect x={index * step + step * 0.12} y={HEIGHT - height} width={step * 0.76} height={height} rx={Math.min(3, step * 0.2)} fill={`var(--mantine-color-${color}-5)`} opacity={over && over.key !== bar.key ? 0.45 : 1} />
              {index % every === 0 && (
                <text x={index * step + step / 2} y={HEIGHT + 15} className={classes.tick} textAnchor={index === 0 && bars.length > 3 ? "start" : "middle"}>
                  {bar.label}
                </text>
              )}
            </g>
          );
        })}
      </svg>
    </figure>
  );
}
