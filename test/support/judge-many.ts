// Analyzes many runs in one process: folder and policy per input line, result per output line.

import { createInterface } from 'node:readline';
import { analyzeBundle } from '../../analyzer/verdict/analyze.ts';
import { AnalyzerConfig, resolvePolicy } from '../../core/policy/policy-config.ts';
import { AppError } from '../../core/errors.ts';

for await (const line of createInterface({ input: process.stdin })) {
  const { directory, analyzer } = JSON.parse(line) as { directory: string; analyzer?: unknown };
  process.stdout.write(`${JSON.stringify(await answerOf(directory, analyzer))}\n`);
}

async function answerOf(directory: string, analyzer: unknown) {
  try {
    const policy = resolvePolicy(AnalyzerConfig.parse(analyzer ?? {}));
    return { analysis: await analyzeBundle(directory, policy) };
  } catch (error) {
    const { code = 'unexpected', message, stack } = error as Partial<AppError>;
    return { error: { code, message: error instanceof AppError ? message : stack } };
  }
}
