// Defines thresholds of panels that follow the policy.

import { readDefaultPolicy } from '../../core/policy/policy.ts';
import type { Limits } from './limits.ts';

const { limits, saturation, hottestCore, generator } = readDefaultPolicy();

export const policyLimits = {
  link: { worse: 'above', warn: limits['network-out'].value, bad: saturation.network.value },
  cpu: { worse: 'above', warn: limits.cpu.value, bad: saturation.cpu.value },
  core: { worse: 'above', warn: hottestCore.value, bad: 0.95 },
  heap: { worse: 'above', warn: limits.heap.value, bad: 0.7 },
  requestHandlers: { worse: 'above', warn: limits['request-handlers'].value, bad: saturation.queue.value },
  networkThreads: { worse: 'above', warn: limits['network-threads'].value, bad: saturation.queue.value },
  eventLoop: { worse: 'above', warn: 0.6, bad: generator.eventLoopUtilisation.value },
} as const satisfies Record<string, Limits>;
