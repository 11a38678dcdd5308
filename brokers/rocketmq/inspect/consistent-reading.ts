// Pairs commits and ends of the same reading: an old commit with a new end would show a false lag.

interface CommitsAndEnds<Commits, Ends> {
  commits: Commits;
  ends: Ends;
}

export interface ConsistentReading<Commits, Ends> {
  /**
   * @param commits as a section shows them: another object when they were read now, the same while they are kept
   * @returns of the last reading of both, as long as one of the two is still shown: its section has the age of both
   */
  of(commits: Commits | undefined, ends: Ends | undefined): CommitsAndEnds<Commits, Ends> | undefined;
}

export function createConsistentReading<Commits extends object, Ends extends object>(): ConsistentReading<
  Commits,
  Ends
> {
  let shown: { commits?: Commits | undefined; ends?: Ends | undefined } = {};
  let together: CommitsAndEnds<Commits, Ends> | undefined;
  return {
    of(commits, ends) {
      const areNew = commits !== shown.commits && ends !== shown.ends;
      shown = { commits, ends };
      if (commits === undefined || ends === undefined) return undefined;
      if (areNew) together = { commits, ends };
      return together?.commits === commits || together?.ends === ends ? together : undefined;
    },
  };
}
