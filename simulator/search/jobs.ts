// The open jobs of the local world.
import type { SearchDocument } from './search-service.ts';

export const openJobs: readonly SearchDocument[] = [
  {
    id: 'carpenter-bellevue',
    title: 'Carpenter',
    company: 'Contoso',
    location: 'Bellevue, Washington',
    remote: 'on site',
    rate: '34 dollars an hour',
    skills: 'solid wood, joints, reading drawings',
    description:
      'Builds and repairs chairs and tables of solid wood, by hand and with machines, in a workshop of eight people.',
    hours: 'Forty hours a week, seven to half past three.',
  },
  {
    id: 'upholsterer-seattle',
    title: 'Upholsterer',
    company: 'Contoso',
    location: 'Seattle, Washington',
    remote: 'on site',
    rate: '31 dollars an hour',
    skills: 'fabric, leather, sewing machine',
    description: 'Covers chairs and sofas anew.',
    hours: 'Thirty hours a week.',
  },
  {
    id: 'planner-remote',
    title: 'Production planner',
    company: 'Contoso',
    location: 'Washington',
    remote: 'remote, two days a month on site',
    rate: '5,200 dollars a month',
    skills: 'spreadsheets, purchasing, calm',
    description: 'Plans what the workshops build, and buys the wood for it.',
    hours: 'Forty hours a week.',
  },
];
