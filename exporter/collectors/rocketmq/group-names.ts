// Recognizes the retry and dead-letter topics of a group by name.

/*
 *   %RETRY%<group>           returned by a consumer, waiting to be consumed again
 *   %RETRY%<group>_<topic>   the same for POP consumers, 5.x; `+` instead of `_` since 5.3
 *   %DLQ%<group>             retries exhausted
 */
export const isRetryTopic = (topic: string) => topic.startsWith('%RETRY%');

/** @returns the group of a dead-letter topic */
export function groupOfDeadLetters(topic: string): string | undefined {
  return topic.startsWith('%DLQ%') ? topic.slice('%DLQ%'.length) : undefined;
}
