// Line icons, drawn on a 24-unit grid; they take the colour of the text around them and mean nothing to a screen reader.
const LINES = {
  close: 'M6 6l12 12M18 6L6 18',
  people: 'M9 11a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7zM2.5 20c.4-3.8 3-6 6.5-6s6.1 2.2 6.5 6M16 4.5a3.5 3.5 0 0 1 0 6.3M18 14.6c2.1.8 3.3 2.7 3.5 5.4',
  bag: 'M5.5 8h13l1 12.5h-15zM8.5 10.5V7a3.5 3.5 0 0 1 7 0v3.5',
  heart: 'M12 20.5S3.5 15.4 3.5 9.4A4.6 4.6 0 0 1 12 7a4.6 4.6 0 0 1 8.5 2.4c0 6-8.5 11.1-8.5 11.1z',
  send: 'M4 12l16-7.5-5 15-3.5-6z M11.5 13.5L20 4.5',
  sound: 'M4 9.5v5h3.5l5 4v-13l-5 4zM16 9a4.2 4.2 0 0 1 0 6M18.5 6.5a8 8 0 0 1 0 11',
  mute: 'M4 9.5v5h3.5l5 4v-13l-5 4zM16.5 9.5l5 5M21.5 9.5l-5 5',
  orders: 'M6 3.5h12v17l-3-2-3 2-3-2-3 2zM9 8.5h6M9 12.5h6',
  copy: 'M9 9h11v11H9zM5 15H4V4h11v1',
  pin: 'M9 3.5h6l-.8 6 3.3 3.5h-11L9.8 9.5zM12 13v7.5',
  clock: 'M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM12 7v5.3l3.3 2',
  check: 'M5 12.5l4.5 4.5L19 7.5',
  trash: 'M4.5 7h15M9.5 7V4.5h5V7M6.5 7l1 13h9l1-13M10.5 11v5.5M13.5 11v5.5',
  quiet: 'M4.5 5h15v11h-8l-4 4v-4h-3zM8 8.5l8 4.5',
  live: 'M12 14.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5zM7 7a7 7 0 0 0 0 10M17 7a7 7 0 0 1 0 10M4 4a11.3 11.3 0 0 0 0 16M20 4a11.3 11.3 0 0 1 0 16',
  shop: 'M4 10v10h16V10M3 10l2-6h14l2 6c0 1.6-1.3 2.5-3 2.5S15 11.6 15 10c0 1.6-1.3 2.5-3 2.5S9 11.6 9 10c0 1.6-1.3 2.5-3 2.5S3 11.6 3 10zM10 20v-4.5h4V20',
  bolt: 'M13 2.5L5 13.5h5.5L10 21.5l8.5-11.5H13z',
  minus: 'M6 12h12',
  plus: 'M6 12h12M12 6v12',
  forward: 'M5 5.5l7 6.5-7 6.5zM12 5.5l7 6.5-7 6.5z',
  place: 'M12 21.5s7-6.4 7-11.7A7 7 0 0 0 5 9.8c0 5.3 7 11.7 7 11.7zM12 12.3a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5z',
  ask: 'M12 21a9 9 0 1 0-7.8-4.5L3 21l4.5-1.2A9 9 0 0 0 12 21zM9.5 9.5a2.5 2.5 0 1 1 3.6 2.3c-.7.4-1.1.9-1.1 1.7M12 16.6v.1',
  out: 'M14 4H5v16h9M10 12h11M17.5 8.5L21 12l-3.5 3.5',
  table: 'M4 5h16v14H4zM4 10h16M4 14.5h16M10 10v9',
} as const;

export type IconName = keyof typeof LINES;

export function Icon({ name, size = 20, filled = false }: { name: IconName; size?: number; filled?: boolean }) {
  return (
    <svg width={size} height={size} viewBox="0 0 24 24" fill={filled ? 'currentColor' : 'none'} stroke="currentColor"
      stroke-width="1.8" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true">
      <path d={LINES[name]} />
    </svg>
  );
}

export function BrandMark() {
  return (
    <svg viewBox="0 0 32 32" aria-hidden="true">
      <rect width="32" height="32" rx="9" fill="#c5341f" />
      <path d="M11 10.2v11.6c0 .9 1 1.5 1.8 1l9.3-5.8c.8-.5.8-1.5 0-2l-9.3-5.8c-.8-.5-1.8.1-1.8 1z" fill="#fff8ee" />
      <path d="M21.5 6.2c3.4-.6 5.6.6 6 2.3-2.5 1.7-5.2 1.3-6-2.3z" fill="#8ecb7a" />
    </svg>
  );
}
