// Mayday's mark: an M that ends in a signal.
export function Mark({ size = 28 }: { size?: number }) {
  return (
    <svg viewBox="0 0 32 32" width={size} height={size} aria-hidden style={{ flex: "none", display: "block" }}>
      <rect width="32" height="32" rx="8" fill="#0b6a67" />
      <path d="M7 23.5V11.2c0-1.5 1.9-2.1 2.8-.9L16 18.9l6.2-8.6c.9-1.2 2.8-.6 2.8.9v12.3" fill="none" stroke="#fff" strokeWidth="3.2" strokeLinecap="round" strokeLinejoin="round" />
      <circle cx="16" cy="8.2" r="2.7" fill="#ff8a3d" />
    </svg>
  );
}
