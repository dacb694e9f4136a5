/** Two exits of one point: the sign of Flowdesk. */
export function BrandMark({ size }: { size: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 32 32" aria-hidden focusable="false">
      <rect width="32" height="32" rx="9" fill="var(--mantine-color-petrol-7)" />
      <path
        d="M16 9.5v3.2c0 3.6-6.5 2.6-6.5 6.6v1.4M16 12.7c0 3.6 6.5 2.6 6.5 6.6v1.4"
        fill="none"
        stroke="#fff"
        strokeWidth="2"
        strokeLinecap="round"
      />
      <circle cx="16" cy="8.4" r="2.9" fill="#fff" />
      <circle cx="9.5" cy="23" r="2.6" fill="#f0d093" />
      <circle cx="22.5" cy="23" r="2.6" fill="#b0dbd3" />
    </svg>
  );
}
