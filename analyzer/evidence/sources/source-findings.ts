// What must be said of figures that came from a monitoring system? Gaps, warnings, coarse or copied series, units that contradict each other.

import type { Finding } from '../../../core/documents/analysis.ts';
import { durationText, percentText, quantityText } from '../../../core/text/limit-text.ts';
import type { Gap } from './range-query.ts';
import type { FigureSource } from './source-telemetry.ts';

const timeText = (seconds: number) => new Date(seconds * 1000).toISOString().replace('.000Z', 'Z');

export function gapFinding(name: string, figure: string, { from, to, reason }: Gap, windowSeconds: number): Finding {
  const share = (to - from) / windowSeconds;
  return {
    severity: 'warning',
    code: 'source-gap',
    message: `${name} gave nothing of ${figure} from ${timeText(from)} to ${timeText(to)}, after retries: ${reason}. These intervals are absent, not zero.`,
    evidence: [{ name: 'share of the window', value: share, unit: 'ratio', source: name }],
  };
}

export function warningFinding(name: string, text: string): Finding {
  return {
    severity: 'warning',
    code: 'source-warning',
    message: `${name} answered and warns: ${text}. Sums may lack what it could not read.`,
    evidence: [],
  };
}

export function coarseFinding(
  name: string,
  scheme: string,
  scrapeSeconds: number,
  stepSeconds: number,
  gridSeconds: number,
): Finding {
  return {
    severity: 'info',
    code: 'source-coarse',
    message: `${name} has new figures of ${scheme} every ${durationText(scrapeSeconds)}: intervals of ${durationText(gridSeconds)} are read and not of ${durationText(stepSeconds)}. What happens within one is a mean.`,
    evidence: [{ name: 'between figures', value: scrapeSeconds, unit: 's', source: name }],
  };
}

export function longerStepFinding(name: string, wantedSeconds: number, stepSeconds: number): Finding {
  return {
    severity: 'info',
    code: 'source-step-longer',
    message: `Of ${name} intervals of ${durationText(stepSeconds)} are read and not of ${durationText(wantedSeconds)}: so many series over this window are more values than are held at once. What happens within one is a mean.`,
    evidence: [{ name: 'interval', value: stepSeconds, unit: 's', source: name }],
  };
}

export function copiedFinding(name: string, figure: string, targets: readonly string[]): Finding {
  return {
    severity: 'info',
    code: 'source-copies',
    message: `${name} has ${figure} of ${targets.join(', ')} more than once, from two jobs or two servers. The fullest copy is taken; a sum would count twice.`,
    evidence: [],
  };
}

export function framingFinding(name: string, scheme: string): Finding {
  return {
    severity: 'info',
    code: 'source-without-framing',
    message: `${name} has no packet counters of ${scheme}: the 24 bytes of every frame that no counter sees are not added, and the use of a link reads up to 1.6% low at full frames and more at small ones.`,
    evidence: [],
  };
}

export function flattenedFinding(name: string, figure: string): Finding {
  return {
    severity: 'info',
    code: 'source-flattened',
    message: `${name} has ${figure} only as a mean over the last minute: bursts are gone from it. A rule of the JMX exporter that keeps the attribute Count brings them back.`,
    evidence: [],
  };
}

export function otherClusterFinding(name: string, cluster: string, wanted: string): Finding {
  return {
    severity: 'info',
    code: 'source-other-name',
    message: `${name} knows one cluster, as ${cluster} and not as ${wanted}: it is taken for the same.`,
    evidence: [],
  };
}

/** @param ratio put rate over growth of offsets */
export function perMinuteFinding(name: string, metric: string, ratio: number | undefined, isDivided: boolean): Finding {
  const evidence =
    ratio === undefined ? [] : [{ name: 'rate over growth of offsets', value: ratio, unit: 'ratio', source: name }];
  if (ratio === undefined) {
    return {
      severity: 'warning',
      code: 'source-unit-unknown',
      message: `${metric} of ${name} is messages a second in most builds of its exporter and the sum of a minute in some; there are no offsets to compare it with. It is taken as a second's, and may be 60 times too high.`,
      evidence,
    };
  }
  if (isDivided) {
    return {
      severity: 'warning',
      code: 'source-per-minute',
      message: `${metric} of ${name} is ${quantityText(ratio)} times the growth of the offsets: this build of its exporter gives the sum of a minute. Rates of that exporter are divided by 60.`,
      evidence,
    };
  }
  return {
    severity: ratio > 0.5 && ratio < 5 ? 'info' : 'warning',
    code: 'source-rates-compared',
    message: `${metric} of ${name} is ${quantityText(ratio)} times the growth of the offsets: it is messages a second, retries and internal topics among them.`,
    evidence,
  };
}

export function reportedSpeedFinding(name: string, host: string, device: string, bitsPerSecond: number): Finding {
  return {
    severity: 'info',
    code: 'source-speed-reported',
    message: `The driver of ${device} of ${host} reports ${quantityText(bitsPerSecond / 1e6)} Mbit/s, which of a virtual card is no capacity. If it is the true one, state it: sources.${name}.hosts.${host}.speed.`,
    evidence: [],
  };
}

export function leftOutFinding(name: string, hosts: number): Finding {
  return {
    severity: 'info',
    code: 'source-hosts-left-out',
    message: `${name} knows ${hosts} more hosts, on which no broker is known to run: they are not read. \`select.hosts\` of the source narrows it to those that are wanted.`,
    evidence: [],
  };
}

/** What no verdict can name a limit of, in one line a layer. */
export function missingFindings(name: string, inventory: readonly FigureSource[]): Finding[] {
  return inventory.flatMap((figure): Finding[] => {
    if (!figure.isNeeded) return [];
    if (figure.kind === 'missing') {
      return [
        {
          severity: 'warning',
          code: 'source-missing',
          message: `${name} has no ${figure.figure} of any ${figure.of}: no limit of it can be named. Metrics looked for: ${figure.triedMetrics.join(', ')}.${figure.figure === 'linkBytesPerSecond' ? ` A speed that is known goes into config: sources.${name}.hosts.HOST.speed.` : ''}`,
          evidence: [],
        },
      ];
    }
    if (figure.missingFor.length === 0) return [];
    const all = figure.targets.length + figure.missingFor.length;
    return [
      {
        severity: 'warning',
        code: 'source-missing',
        message: `${name} has ${figure.figure} of ${percentText(figure.targets.length / all)} of its ${figure.of}s; there is none of ${figure.missingFor.join(', ')}.`,
        evidence: [],
      },
    ];
  });
}
