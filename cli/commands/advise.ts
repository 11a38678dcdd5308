// Implements `plimsoll advise`: the next load steps that would add most information.

import { advise, type Advice } from '../../analyzer/planning/advise/advise.ts';
import { analyzeRun } from '../../analyzer/verdict/analyze-run.ts';
import { exitCodes } from '../../core/errors.ts';
import { wrap } from '../../core/text/table.ts';
import { joinOptions } from '../analysis/join-options.ts';
import { loadTestOf } from '../analysis/what-if.ts';
import type { AdviceDocument } from '../../core/documents/advice.ts';
import { defineCommand } from '../command.ts';
import { flag } from '../option.ts';
import { policyOf, policyOption } from '../config-option.ts';

export const adviseCommand = defineCommand({
  name: 'advise',
  positionals: 'RUN|FILE…',
  options: {
    config: policyOption,
    ...joinOptions,
    json: flag('print the result as one JSON document'),
  },
  examples: ['plimsoll advise runs/20260101-120000', 'plimsoll advise runs/20260101-120000 --json'],

  async run(io) {
    const { options, stdout } = io;
    const policy = await policyOf(io);
    const run = await loadTestOf(io, policy);
    const { safeMaxTps, ...analysis } = analyzeRun(run, policy);
    const advice = advise(run, { ...analysis, safeMaxTps }, policy);
    const document: AdviceDocument = { schemaVersion: 2, run: run.document.id, safeMaxTps, advice };
    stdout.write(options.json ? `${JSON.stringify(document, undefined, 2)}\n` : adviceText(advice));
    return exitCodes.answered;
  },
});

const width = 100;

function adviceText(advice: readonly Advice[]): string {
  if (advice.length === 0) return 'No step that was tried narrows the interval by 2% or more.\n';
  const lines = advice.flatMap(({ text, command }, index) => [
    ...wrap(`${index + 1}. ${text}`, width, 3),
    ...(command === undefined ? [] : [`   ${command}`]),
  ]);
  return `${lines.join('\n')}\n`;
}
