// Names the retry topics of POP consumers, each of a group and a topic.

interface Commit {
  group: string;
  topic: string;
}

/** KeyBuilder.buildPopRetryTopic: `_`, or `+` where brokers have enableRetryTopicV2. */
export const popRetryNames = ({ group, topic }: Commit): string[] => [
  `%RETRY%${group}_${topic}`,
  `%RETRY%${group}+${topic}`,
];

/**
 * A prefix is ambiguous: `%RETRY%a_b` may be the retry topic of a group a_b, and `%RETRY%a_b_c` that of two pairs.
 * A name that others may use is left out.
 *
 * @param isWanted of the commits of every group
 * @param topics that exist
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
