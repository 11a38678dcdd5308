// Lists the parts of a capacity report in their order.

export const partIds = [
  'verdict',
  'changes',
  'demand',
  'method',
  'safe-max',
  'load-tests',
  'failures',
  'blast-radius',
  'sizing',
  'consumers',
  'risks',
  'actions',
  'runbook',
  'afterwards',
  'appendix',
] as const;
export type PartId = (typeof partIds)[number];
