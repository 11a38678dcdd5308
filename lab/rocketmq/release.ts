// Defines the requirements of a RocketMQ version: artefacts and generation of settings.

import { AppError } from '../../core/errors.ts';
import type { Release } from '../release.ts';

export interface RocketmqRelease extends Release {
  generation: 4 | 5;
}

export const defaultRocketmqVersion = '5.3.3';

/** Versions complete on Maven Central; others (4.9.6, 4.9.8, 5.3.0 to 5.3.2, 5.3.4, 5.5.1) lack an artefact there. */
const complete = ['5.5.0', '5.4.0', '5.3.3', '4.9.7', '4.9.5', '4.9.4'];

/** @throws AppError usage for a version that is not complete on Maven Central */
export function rocketmqRelease(version: string): RocketmqRelease {
  if (!complete.includes(version)) {
    throw new AppError('usage', `Maven Central has no complete RocketMQ ${version}`, {
      hint: `give --version one of ${complete.join(', ')}`,
    });
  }
  const generation = version.startsWith('4.') ? 4 : 5;
  const parts = ['broker', 'namesrv', 'tools', ...(generation === 5 ? ['proxy', 'controller'] : [])];
  return {
    product: 'rocketmq',
    title: 'RocketMQ',
    version,
    generation,
    artefacts: parts.map((part) => ({ group: 'org.apache.rocketmq', artefact: `rocketmq-${part}`, version })),
    complete,
  };
}
