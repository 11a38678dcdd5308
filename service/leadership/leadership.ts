// Defines the leadership, which decides which of several services runs the scheduled jobs.

export interface Leadership {
  /**
   * The term of this instance as leader, a number that rises with each takeover; undefined while another instance or
   * none leads. Never set before the previous leader has given up.
   */
  term(): number | undefined;
  /** Id of the last history entry written before this term; 0 for a single service. */
  inheritedUpTo(): number;
}

/** A single service. */
export const alwaysLeads: Leadership = { term: () => 0, inheritedUpTo: () => 0 };

/** A standby by configuration. */
export const neverLeads: Leadership = { term: () => undefined, inheritedUpTo: () => 0 };
