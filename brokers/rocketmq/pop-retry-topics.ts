// Names the retry topics of POP consumers: one for each group and topic.

interface Commit {
  group: string;
  topic: string;
}

/** KeyBuilder.buildPopRetryTopic: separator `_`, or `+` with enableRetryTopicV2. */
export const popRetryNames = ({ group, topic }: Commit): string[] => [
  `%RETRY%${group}_${topic}`,
  `%RETRY%${group}+${topic}`,
];

/**
 * A prefix is ambiguous: `%RETRY%a_b` may be the retry topic of a group a_b, and `%RETRY%a_b_c` that of two pairs.
 * Names that others may use are left out.
 *
 * @param isWanted selects from the commits of all groups
 * @param topics existing topics
 */
export function popRetryTopicsOf(
  isWanted: (commit: Commit) => boolean,
  { commits, groups, topics }: { commits: readonly Commit[]; groups: readonly string[]; topics: readonly string[] },
): string[] {
  const own = new Set(commits.filter(isWanted).flatMap(popRetryNames));
  const others = new Set([
    ...groups.map((group) => `%RETRY%${group}`),
    ...commits.filter((commit) => !isWanted(commit)).flatMap(popRetryNames),
  ]);
  return [...new Set(topics)].filter((topic) => own.has(topic) && !others.has(topic)).toSorted();
}
