// Analyzes one bundle in a separate process, and prints its cost as the JSON line that the bench reads.

import { analyzeBundle } from '../analyzer/verdict/analyze.ts';
import { readDefaultPolicy } from '../core/policy/policy.ts';

const [folder = ''] = process.argv.slice(2);
const { steps, safeMaxTps } = await analyzeBundle(folder, readDefaultPolicy());
const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
process.stdout.write(
  `${JSON.stringify({
    steps: steps.length,
    safeMax: safeMaxTps.kind,
    cpuSeconds: (userCPUTime + systemCPUTime) / 1e6,
    residentBytes: maxRSS * 1024,
  })}\n`,
);
