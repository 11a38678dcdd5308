// Provides the options of a find-safe search whose trials and soak last a second.

export const shortSearch = (highest: number) =>
  ({
    kind: 'find-safe' as const,
    start: 100,
    highest,
    rise: 0.1,
    trial: 1,
    soak: 1,
    settle: 0,
    verifications: 0,
    mostTrials: 10,
    mostSoaks: 3,
  }) as never;
