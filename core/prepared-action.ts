// Lists the actions that can be prepared before a promotion: they take minutes and need no new machines.

export const actionKinds = ['quota', 'leader-move', 'queue-spread', 'retention'] as const;
export type ActionKind = (typeof actionKinds)[number];
