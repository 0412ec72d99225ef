// Whatever callers are made of comes in two halves: one to tune by, and one that is kept for the score.

export const halves = ['tune', 'score'] as const;
export type Half = (typeof halves)[number];
export type InHalves<Item> = Readonly<Record<Half, readonly Item[]>>;
