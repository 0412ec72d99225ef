// The console's few icons, drawn on Fluent's grid of 20: none of them says anything that a word beside it does not.
const paths = {
  live: 'M3 10h2.5l2-5 3.5 10 2.5-7 1.2 2H17',
  history: 'M10 3a7 7 0 1 1-6.3 4M3.5 3.5V7H7M10 6v4l2.8 1.8',
  numbers: 'M4 16V9m4 7V4m4 12v-5m4 5V7',
  talk: 'M10 2.5A2.5 2.5 0 0 0 7.5 5v5a2.5 2.5 0 0 0 5 0V5A2.5 2.5 0 0 0 10 2.5ZM5 9.5a5 5 0 0 0 10 0M10 14.5v3M7.5 17.5h5',
  agents: 'M10 10a3.2 3.2 0 1 0 0-6.4 3.2 3.2 0 0 0 0 6.4ZM4 17c0-3 2.7-4.6 6-4.6s6 1.6 6 4.6',
  health: 'M10 16.5S3.5 12.8 3.5 8A3.5 3.5 0 0 1 10 6.2 3.5 3.5 0 0 1 16.5 8c0 4.8-6.5 8.5-6.5 8.5Z',
  hangUp:
    'M3 12.5c0-1 .6-1.9 1.6-2.4a12.5 12.5 0 0 1 10.8 0c1 .5 1.6 1.4 1.6 2.4v.8c0 .5-.5.9-1 .8l-2.200-.5a1 1 0 0 1-.8-1v-1.2a10 10 0 0 0-6 0v1.2a1 1 0 0 1-.8 1l-2.200.5a.8.8 0 0 1-1-.8Z',
  transfer: 'M3.5 7H15m-3-3.5L15.5 7 12 10.5M16.5 13H5m3 3.5L4.5 13 8 9.5',
  keys: 'M5 4.500h.01M10 4.500h.01M15 4.500h.01M5 10h.01M10 10h.01M15 10h.01M5 15.500h.01M10 15.500h.01M15 15.500h.01',
  dial: 'M6.5 3.5 8 7 6.300 8.300a9 9 0 0 0 5.4 5.4L13 12l3.5 1.500v2a1.500 1.500 0 0 1-1.700 1.500A12.500 12.500 0 0 1 3 5.200 1.500 1.500 0 0 1 4.500 3.500Z',
  theme: 'M10 3a7 7 0 1 0 0 14ZM10 3a7 7 0 0 1 0 14',
  mute: 'M7.5 7.5V10a2.5 2.5 0 0 0 4 2M12.5 9V5A2.5 2.500 0 0 0 7.700 4M5 9.500a5 5 0 0 0 8 4M10 14.500v3M3 3l14 14',
  back: 'M12 4.500 6.500 10l5.500 5.500',
  play: 'M6.500 4.500v11l9-5.500Z',
  note: 'M5 3.500h10v9.500l-3.500 3.500H5ZM11.500 16.500V13H15',
  download: 'M10 3.500v9m-3.500-3.500L10 12.500 13.500 9M4 16.500h12',
} as const;

export type IconName = keyof typeof paths;

export function Icon({ name }: { name: IconName }) {
  return (
    <svg className="icon" viewBox="0 0 20 20" aria-hidden="true" focusable="false">
      <path d={paths[name]} />
    </svg>
  );
}
