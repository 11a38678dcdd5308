// Converts MBean attributes to Plimsoll's metrics, sums instances, and limits the number of samples.

import type { BrokerInternals } from '../details.ts';
import { figures, processorIdleRatio, type Bean, type Figure, type InternalMetricName } from './bean-metrics.ts';

/** Limit of samples; a broker with every API in use has about 600. */
const maxValues = 2000;
const networkIdle = 'kafka_broker_network_processor_idle_ratio';
/** Name of the controller listener: by convention CONTROLLER; CONTROLPLANE-9090 with Strimzi. */
const controllerListener = /^control/i;

type Value = BrokerInternals['values'][number];

interface Instance {
  keys: Readonly<Record<string, string>>;
  attributes: Map<string, number>;
}

export type BeanReadings = ReturnType<typeof createBeanReadings>;

export function createBeanReadings() {
  const beans = new Map<Bean, Map<string, Instance>>();
  const values: Value[] = [];
  /** Idle ratios of network processors, by listener. */
  const idleRatios = new Map<string, number[]>();
  let instances = 0;
  let dropped = 0;

  return {
    /** Records one attribute of one instance, and sums instances that differ only in a key of `sumOver`. */
    attribute(bean: Bean, keys: Readonly<Record<string, string>>, attribute: string, value: number): void {
      if (attribute === processorIdleRatio) {
        const { listener = '' } = keys;
        idleRatios.set(listener, [...(idleRatios.get(listener) ?? []), Math.min(1, value)]);
        return;
      }
      const ofBean = beans.get(bean) ?? new Map<string, Instance>();
      beans.set(bean, ofBean);
      const identity = bean.keys.map((key) => keys[key] ?? '').join('\n');
      let instance = ofBean.get(identity);
      if (instance === undefined) {
        if (instances === maxValues) {
          dropped++;
          return;
        }
        instances++;
        instance = { keys, attributes: new Map() };
        ofBean.set(identity, instance);
      }
      const before = bean.sumOver === undefined ? 0 : (instance.attributes.get(attribute) ?? 0);
      instance.attributes.set(attribute, before + value);
    },

    /** Records a value that has Plimsoll's metric name already, such as JVM figures. */
    value(metric: InternalMetricName, labels: readonly string[], value: number): void {
      if (values.length < maxValues) values.push({ metric, labels, value });
      else dropped++;
    },

    report() {
      const all = [...values];
      const idle = idleOfBusiestListener(idleRatios);
      if (idle !== undefined) all.push({ metric: networkIdle, labels: [], value: idle });
      for (const figure of figures) {
        // The gauge is a mean over all listeners; on a node that is broker and controller, it is the controller's.
        if (figure.metric === networkIdle && idle !== undefined) continue;
        for (const { keys, attributes } of beans.get(figure.bean)?.values() ?? []) {
          // Skips the APIs that were never used, of which there are sixty.
          if ('request' in keys && attributes.get('Count') === 0) continue;
          if (keys['error'] === 'NONE') continue;
          const value = valueOf(figure, attributes);
          if (value === undefined) continue;
          const labels = figure.labels.map((label) => ('text' in label ? label.text : (keys[label.key] ?? '')));
          all.push({ metric: figure.metric, labels, value: value * (figure.scale ?? 1) });
        }
      }
      return { values: all.slice(0, maxValues), dropped: dropped + Math.max(0, all.length - maxValues) };
    },
  };
}

function idleOfBusiestListener(ratios: ReadonlyMap<string, readonly number[]>): number | undefined {
  const all = [...ratios];
  const ofBroker = all.filter(([listener]) => !controllerListener.test(listener));
  const means = (ofBroker.length === 0 ? all : ofBroker).map(
    ([, ofListener]) => ofListener.reduce((sum, ratio) => sum + ratio, 0) / ofListener.length,
  );
  return means.length === 0 ? undefined : Math.min(...means);
}

function valueOf({ attribute, times }: Figure, attributes: ReadonlyMap<string, number>): number | undefined {
  const value = attributes.get(attribute);
  if (value === undefined || times === undefined) return value;
  const factor = attributes.get(times.attribute);
  // Count times mean varies in its last bits, and Prometheus treats each decrease of a counter as a restart.
  return factor === undefined ? undefined : Math.round(value * factor * times.perUnit) / times.perUnit;
}
