// Which levers are prepared before a promotion? What can be pulled within minutes, without new machines.

export const leverKinds = ['quota', 'leader-move', 'queue-spread', 'retention'] as const;
export type LeverKind = (typeof leverKinds)[number];
