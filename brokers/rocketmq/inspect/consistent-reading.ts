// Pairs commits and ends of the same reading, because an old commit with a new end would show a false lag.

interface CommitsAndEnds<Commits, Ends> {
  commits: Commits;
  ends: Ends;
}

export interface ConsistentReading<Commits, Ends> {
  /**
   * @param commits value of the section: a new object after each read, the same object while it is kept
   * @returns the last pair read together, while the section of one of the two still shows its part, with the pair's age
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
