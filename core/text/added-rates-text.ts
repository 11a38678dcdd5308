// States how the rates of a recommended load test relate to production.

export const addedRatesText = {
  en: 'A load test sends the rates of `--rate-steps` in addition to the production load. They are computed for the load forecast at the earliest start: if the load differs then, change each by the difference.',
  zh: '压测按 `--rate-steps` 发送的流量叠加在生产流量之上。命令中的速率按最早开始时间的预测流量计算；如实际流量不同，请按差值调整每一级。',
};
