// Reads how far a run compressed its messages.

import type { LoadTestRun } from '../evidence/load-test-run.ts';

/** @returns bytes before compression over bytes after it; undefined where unknown, or where bodies are random and stay as they are */
export function compressionRatioOf({ document: { resume } }: LoadTestRun): number | undefined {
  const { compression, compressionRatio } = resume?.workload ?? {};
  return compression !== 'none' && typeof compressionRatio === 'number' ? compressionRatio : undefined;
}
