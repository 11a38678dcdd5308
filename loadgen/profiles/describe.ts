// How is a rate or a duration said to people?

export const describeRate = (rate: number) => `${rate.toLocaleString('en')} msg/s`;

export const describeDuration = (seconds: number) =>
  seconds >= 120 && seconds % 60 === 0 ? `${seconds / 60} min` : `${seconds.toLocaleString('en')} s`;
