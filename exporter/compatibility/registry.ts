// Registers the compatible exporters; the keys are the values of `exporter.compatibility`.

import type { CompatibilityName } from '../config.ts';
import type { Compatibility } from './compatibility.ts';
import { kminion } from './kminion.ts';
import { rocketmqExporter } from './rocketmq-exporter.ts';

export const compatibilities = {
  kminion,
  'rocketmq-exporter': rocketmqExporter,
} satisfies Record<CompatibilityName, Compatibility>;
