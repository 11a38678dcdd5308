// Recognizes the retry and dead-letter topics of a group by name.

/*
 *   %RETRY%<group>           sent back by a consumer, waiting to be consumed again
 *   %RETRY%<group>_<topic>   the same of POP consumers, 5.x; `+` in place of `_` since 5.3
 *   %DLQ%<group>             given up on
 */
export const isRetryTopic = (topic: string) => topic.startsWith('%RETRY%');

/** @returns the group whose dead letters the topic holds */
export function groupOfDeadLetters(topic: string): string | undefined {
  return topic.startsWith('%DLQ%') ? topic.slice('%DLQ%'.length) : undefined;
}
