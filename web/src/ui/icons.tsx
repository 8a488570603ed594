/**
 * The icons, inline so that none is fetched. Drawn for Grotto in the manner of Lucide (https://lucide.dev, ISC licence):
 * a grid of 24, strokes of 2, round ends, the colour of the text around them. Always decoration: the words are the name.
 */
import type { JSX } from 'preact';

const slash = <path d="M3 3 21 21" />;

const drawings = {
  mic: (
    <>
      <rect x="9" y="2.5" width="6" height="11.5" rx="3" />
      <path d="M5.5 11.5a6.5 6.5 0 0 0 13 0M12 18v3.5" />
    </>
  ),
  micOff: (
    <>
      <path d="M15 9.5V5.5a3 3 0 0 0-5.8-1M9 9v2a3 3 0 0 0 4.6 2.5M18.5 11.5a6.5 6.5 0 0 1-.7 2.9M5.5 11.5a6.5 6.5 0 0 0 10.2 5.3M12 18v3.5" />
      {slash}
    </>
  ),
  camera: (
    <>
      <rect x="2.5" y="6" width="13" height="12" rx="2.5" />
      <path d="m15.5 11 6-3.5v9l-6-3.5" />
    </>
  ),
  cameraOff: (
    <>
      <path d="M10 6h3a2.5 2.5 0 0 1 2.5 2.5V11l6-3.5v9l-3-1.75M15.5 15.5a2.5 2.5 0 0 1-2.5 2.5H5a2.5 2.5 0 0 1-2.5-2.5v-7A2.5 2.5 0 0 1 5 6h1" />
      {slash}
    </>
  ),
  screen: (
    <>
      <rect x="2.5" y="4" width="19" height="13" rx="2.5" />
      <path d="M8.5 21h7M12 17v4M12 13.5V8M9.5 10 12 7.5 14.5 10" />
    </>
  ),
  expand: <path d="M4 10V4h6M20 14v6h-6M4 4l6.5 6.5M20 20l-6.5-6.5" />,
  pause: <path d="M8.5 5v14M15.5 5v14" />,
  link: (
    <>
      <path d="M10 14a4.5 4.5 0 0 0 6.4 0l3-3A4.5 4.5 0 0 0 13 4.6l-1 1" />
      <path d="M14 10a4.5 4.5 0 0 0-6.4 0l-3 3a4.5 4.5 0 0 0 6.4 6.4l1-1" />
    </>
  ),
  leave: (
    <>
      <path d="M9.5 3.5H6A2.5 2.5 0 0 0 3.5 6v12A2.5 2.5 0 0 0 6 20.5h3.5" />
      <path d="M15.5 16.5 20 12l-4.5-4.5M20 12H9.5" />
    </>
  ),
  lock: (
    <>
      <rect x="4" y="10.5" width="16" height="11" rx="2.5" />
      <path d="M7.5 10.5V7a4.5 4.5 0 0 1 9 0v3.5" />
    </>
  ),
  lockAlert: (
    <>
      <rect x="4" y="10.5" width="16" height="11" rx="2.5" />
      <path d="M7.5 10.5V7a4.5 4.5 0 0 1 9 0v3.5M12 13.75v2.25M12 18.6v.01" />
    </>
  ),
  key: (
    <>
      <circle cx="8" cy="15.5" r="4.5" />
      <path d="m11.2 12.3 9.3-9.3M16 7.5l3 3M13.5 10l2 2" />
    </>
  ),
  alert: (
    <>
      <path d="M10.3 4.2 2.6 17.4A2 2 0 0 0 4.3 20.5h15.4a2 2 0 0 0 1.7-3.1L13.7 4.2a2 2 0 0 0-3.4 0Z" />
      <path d="M12 9.5v4M12 17v.01" />
    </>
  ),
  close: <path d="m6 6 12 12M18 6 6 18" />,
  keyboard: (
    <>
      <rect x="2" y="5.5" width="20" height="13" rx="2.5" />
      <path d="M6 9.5v.01M10 9.5v.01M14 9.5v.01M18 9.5v.01M6 14.5v.01M18 14.5v.01M9.5 14.5h5" />
    </>
  ),
  chevron: <path d="m6 9 6 6 6-6" />,
  sound: (
    <>
      <path d="M11 5 6.5 9H3v6h3.5l4.5 4V5Z" />
      <path d="M15 9a4.2 4.2 0 0 1 0 6M18 6a8.5 8.5 0 0 1 0 12" />
    </>
  ),
  done: <path d="m4.5 12.5 5 5 10-11" />,
  settings: <path d="M4 7h9M17 7h3M4 17h3M11 17h9M15 4.5v5M9 14.5v5" />,
  arrow: <path d="M4.5 12h15M13 5.5l6.5 6.5-6.5 6.5" />,
  previous: <path d="m15 5-7 7 7 7" />,
  next: <path d="m9 5 7 7-7 7" />,
  move: <path d="M12 3v18M3 12h18M9 6l3-3 3 3M9 18l3 3 3-3M6 9l-3 3 3 3M18 9l3 3-3 3" />,
  view: (
    <>
      <rect x="2.5" y="4" width="19" height="16" rx="2.5" />
      <path d="M15 4v16M15 9.3h6.5M15 14.6h6.5" />
    </>
  ),
  fullScreen: (
    <path d="M8.5 3H5a2 2 0 0 0-2 2v3.5M21 8.5V5a2 2 0 0 0-2-2h-3.5M15.5 21H19a2 2 0 0 0 2-2v-3.5M3 15.5V19a2 2 0 0 0 2 2h3.5" />
  ),
  window: (
    <>
      <path d="M21.5 10V7A2.5 2.5 0 0 0 19 4.5H5A2.5 2.5 0 0 0 2.5 7v9A2.5 2.5 0 0 0 5 18.5h5" />
      <rect x="13" y="13.5" width="8.5" height="6" rx="1.5" />
    </>
  ),
  soundOff: (
    <>
      <path d="M11 5 6.5 9H3v6h3.5l4.5 4V5Z" />
      <path d="m15.5 9.5 5 5M20.5 9.5l-5 5" />
    </>
  ),
  lead: (
    <path d="M2.5 12S6 5.5 12 5.5 21.5 12 21.5 12 18 18.5 12 18.5 2.5 12 2.5 12ZM12 15a3 3 0 1 0 0-6 3 3 0 0 0 0 6Z" />
  ),
  weak: <path d="M3.5 20v-5M9 20v-10M14.5 20v.01M20 20v.01" />,
  clock: (
    <>
      <circle cx="12" cy="12" r="9.5" />
      <path d="M12 6.5V12l3.5 2" />
    </>
  ),
  back: <path d="M19.5 12h-15M11 5.5 4.5 12l6.5 6.5" />,
  hand: (
    <path d="M7 12.5v-6a1.75 1.75 0 0 1 3.5 0V11M10.5 11V4.5a1.75 1.75 0 0 1 3.5 0V11M14 11V6a1.75 1.75 0 0 1 3.5 0v4M17.5 11.5V9a1.75 1.75 0 0 1 3.5 0v5.5a7 7 0 0 1-7 7h-1.5c-2.4 0-4.2-1-5.5-2.8l-3.6-4.6a1.7 1.7 0 0 1 2.7-2.1l.9 1" />
  ),
  smile: (
    <>
      <circle cx="12" cy="12" r="9.5" />
      <path d="M8 14.5s1.4 2.3 4 2.3 4-2.3 4-2.3M9 9.3v.01M15 9.3v.01" />
    </>
  ),
  chat: <path d="M20 3.5H4A1.5 1.5 0 0 0 2.5 5v16l4-4H20a1.5 1.5 0 0 0 1.5-1.5V5A1.5 1.5 0 0 0 20 3.5Z" />,
  people: (
    <>
      <circle cx="9" cy="7.5" r="4" />
      <path d="M2 20.5V19a4.5 4.5 0 0 1 4.5-4.5h5A4.5 4.5 0 0 1 16 19v1.5M16 3.8a4 4 0 0 1 0 7.4M22 20.5V19a4.5 4.5 0 0 0-3.2-4.3" />
    </>
  ),
  person: (
    <>
      <circle cx="12" cy="7.5" r="4" />
      <path d="M5 20.5V19a4.5 4.5 0 0 1 4.5-4.5h5A4.5 4.5 0 0 1 19 19v1.5" />
    </>
  ),
  personCheck: (
    <>
      <circle cx="9.5" cy="7.5" r="4" />
      <path d="M2.5 20.5V19A4.5 4.5 0 0 1 7 14.5h5M15.5 17.5l2.2 2.2 4-4.2" />
    </>
  ),
  personMinus: (
    <>
      <circle cx="9.5" cy="7.5" r="4" />
      <path d="M2.5 20.5V19A4.5 4.5 0 0 1 7 14.5h5A4.5 4.5 0 0 1 16.5 19v1.5M16 9h5.5" />
    </>
  ),
  more: (
    <>
      <circle cx="5" cy="12" r=".75" />
      <circle cx="12" cy="12" r=".75" />
      <circle cx="19" cy="12" r=".75" />
    </>
  ),
  shield: (
    <>
      <path d="M12 2.5 4.5 5.3v6.2c0 4.6 3.1 8.1 7.5 10 4.4-1.9 7.5-5.4 7.5-10V5.3Z" />
      <path d="m8.5 12 2.5 2.5 4.5-4.7" />
    </>
  ),
  blocked: (
    <>
      <circle cx="12" cy="12" r="9.5" />
      <path d="m5.3 5.3 13.4 13.4" />
    </>
  ),
  qr: (
    <>
      <rect x="3" y="3" width="7" height="7" rx="1" />
      <rect x="14" y="3" width="7" height="7" rx="1" />
      <rect x="3" y="14" width="7" height="7" rx="1" />
      <path d="M14 14v3h3M21 14v.01M21 17.5V21h-3.5M14 21v.01" />
    </>
  ),
  globe: (
    <>
      <circle cx="12" cy="12" r="9.5" />
      <path d="M2.5 12h19M12 2.5c5 5.5 5 13.5 0 19M12 2.5c-5 5.5-5 13.5 0 19" />
    </>
  ),
  send: <path d="M21 3 2.5 10l7.8 3.7L14 21.5ZM21 3 10.3 13.7" />,
  poll: <path d="M4 20.5V13M10 20.5V4M16 20.5V9M21.5 20.5h-19" />,
  captions: (
    <>
      <rect x="2.5" y="5" width="19" height="14" rx="2.5" />
      <path d="M6.5 11h4M13.5 11h4M6.5 15h7M16.5 15h1" />
    </>
  ),
  bell: <path d="M6 9.5a6 6 0 0 1 12 0c0 6.5 2.5 7.5 2.5 7.5h-17S6 16 6 9.5M10 20.5a2.2 2.2 0 0 0 4 0" />,
  attach: (
    <path d="m20.5 11.5-8.6 8.6a5.5 5.5 0 0 1-7.8-7.8l8.6-8.6a3.7 3.7 0 0 1 5.2 5.2l-8.6 8.6a1.8 1.8 0 0 1-2.6-2.6l7.9-7.9" />
  ),
  file: (
    <>
      <path d="M14 2.5H6.5A2 2 0 0 0 4.5 4.5v15a2 2 0 0 0 2 2h11a2 2 0 0 0 2-2V8Z" />
      <path d="M13.5 2.5V8.5h6" />
    </>
  ),
  download: <path d="M12 3v12.5M6.5 10.5 12 16l5.5-5.5M4 20.5h16" />,
  device: (
    <>
      <rect x="4.5" y="4.5" width="15" height="11" rx="2" />
      <path d="M2 19.5h20" />
    </>
  ),
  record: (
    <>
      <circle cx="12" cy="12" r="9" />
      <circle cx="12" cy="12" r="3.5" fill="currentColor" />
    </>
  ),
  stop: <rect x="5.5" y="5.5" width="13" height="13" rx="2" />,
  emoji: (
    <>
      <path d="M21.5 12A9.5 9.5 0 1 1 12 2.5" />
      <path d="M8 14.5s1.4 2.3 4 2.3 4-2.3 4-2.3M9 9.3v.01M15 9.3v.01M19 2.5v6M16 5.5h6" />
    </>
  ),
} satisfies Record<string, JSX.Element>;

export type IconName = keyof typeof drawings;

export function Icon({ name, small }: { name: IconName; small?: boolean }) {
  return (
    <svg
      class={small ? 'icon icon-small' : 'icon'}
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      stroke-width="2"
      stroke-linecap="round"
      stroke-linejoin="round"
      aria-hidden="true"
      focusable="false"
    >
      {drawings[name]}
    </svg>
  );
}
