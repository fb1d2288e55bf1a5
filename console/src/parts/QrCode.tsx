// A QR code as one SVG path: dark on white in both themes, because cameras want that.
import { useMemo } from "react";
import { encode } from "uqr";

export function QrCode({ text, label, size = 148 }: { text: string; label: string; size?: number }) {
  const { path, modules } = useMemo(() => draw(text), [text]);
  return (
    <svg viewBox={`0 0 ${modules} ${modules}`} width={size} height={size} role="img" aria-label={label} shapeRendering="crispEdges" style={{ borderRadius: 8, flex: "none" }}>
      <rect width={modules} height={modules} fill="#fff" />
      <path d={path} fill="#0d1716" />
    </svg>
  );
}

function draw(text: string) {
  const code = encode(text, { ecc: "M", border: 2 });
  const path = code.data.flatMap((row, y) => row.map((on, x) => (on ? `M${x} ${y}h1v1h-1z` : ""))).join("");
  return { path, modules: code.size };
}
