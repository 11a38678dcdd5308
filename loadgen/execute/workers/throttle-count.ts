// Counts the throttled responses of an interval.

import type { AnswerListener } from '../../../brokers/driver.ts';
import type { ThrottledAnswers } from '../../../core/documents/evidence/configured-limits.ts';

export interface ThrottleCount extends AnswerListener {
  /** @returns throttling since the last call; undefined until the client has read a throttle time, even of 0 */
  take(): ThrottledAnswers | undefined;
}

const none = () => ({ answers: 0, seconds: 0, longestSeconds: 0 });

export function createThrottleCount(): ThrottleCount {
  let isReadable = false;
  let counts = none();
  return {
    onThrottleTime(time) {
      isReadable = true;
      if (time <= 0) return;
      counts.answers += 1;
      counts.seconds += time;
      counts.longestSeconds = Math.max(counts.longestSeconds, time);
    },
    take() {
      const taken = counts;
      counts = none();
      return isReadable ? taken : undefined;
    },
  };
}
