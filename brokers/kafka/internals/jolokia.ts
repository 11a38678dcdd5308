// Encodes one bulk request to Jolokia for the allowed MBeans, and parses its answers.

import { z } from 'zod';
import { figures, type Bean } from './bean-metrics.ts';
import type { BeanReadings } from './bean-readings.ts';
import { jolokiaJvmReads } from './jolokia-jvm.ts';
import { isRecord, type JolokiaRead } from './jolokia-read.ts';

/*
 * jolokia.org/reference/html/manual/jolokia_protocol.html, bulk requests and the read operation
 *
 * POST [{ type: "read", mbean, attribute: [name…], config: { ignoreErrors } }…]
 * 200  [{ status: 200, value: { attribute: … } }                      for an mbean without a pattern
 *       { status: 200, value: { "domain:key=value,…": { attribute: … } } }   for one with *
 *       { status: 404, error }…]                                       in the order of the requests
 */

export const jolokiaReads: readonly JolokiaRead[] = [...beanReads(), ...jolokiaJvmReads];

const Answers = z.array(
  z.object({ status: z.number(), error: z.string().optional(), value: z.record(z.string(), z.unknown()).nullish() }),
);

/** @returns why no value could be read, if so. @throws z.ZodError, SyntaxError on text that is no Jolokia answer */
export function parseJolokiaAnswers(text: string, into: BeanReadings): string | undefined {
  const answers = Answers.parse(JSON.parse(text));
  for (const [index, { value }] of answers.entries()) {
    const read = jolokiaReads[index];
    if (read === undefined || value === null || value === undefined) continue;
    const instances = read.mbean.includes('*')
      ? Object.entries(value).flatMap(([mbean, attributes]) =>
          isRecord(attributes) ? [{ keys: keysOf(mbean), attributes }] : [],
        )
      : [{ keys: {}, attributes: value }];
    read.take(instances, into);
  }
  return answers.some(({ status }) => status === 200) ? undefined : (answers[0]?.error ?? 'the response is empty');
}

function beanReads(): JolokiaRead[] {
  const attributesByBean = new Map<Bean, Set<string>>();
  for (const { bean, attribute, times } of figures) {
    const attributes = attributesByBean.get(bean) ?? new Set();
    attributesByBean.set(bean, attributes);
    attributes.add(attribute);
    if (times !== undefined) attributes.add(times.attribute);
  }
  return [...attributesByBean].map(([bean, attributes]) => ({
    mbean: [
      `${bean.domain}:type=${bean.type}`,
      ...(bean.name === undefined ? [] : [`name=${bean.name}`]),
      ...[...bean.keys, ...(bean.sumOver ?? [])].map((key) => `${key}=*`),
    ].join(','),
    attributes: [...attributes],
    take(instances, into) {
      for (const { keys, attributes: found } of instances) {
        for (const attribute of attributes) {
          const value = found[attribute];
          if (typeof value === 'number') into.attribute(bean, keys, attribute, value);
        }
      }
    },
  }));
}

/** Parses `kafka.network:name=TotalTimeMs,request=Fetch,type=RequestMetrics`; values with a comma are quoted. */
export function keysOf(mbean: string): Record<string, string> {
  const keys: Record<string, string> = {};
  for (const [, key = '', quoted, plain = ''] of mbean
    .slice(mbean.indexOf(':') + 1)
    .matchAll(/([^=,]+)=(?:"((?:[^"\\]|\\.)*)"|([^,]*))(?:,|$)/g)) {
    keys[key] = quoted?.replace(/\\(.)/g, '$1') ?? plain;
  }
  return keys;
}
