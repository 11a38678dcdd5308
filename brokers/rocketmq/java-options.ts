// Java options without which no program of RocketMQ runs.

/** Java 16 and newer keep these packages to themselves, and RocketMQ reaches into them. */
const opened = ['java.nio', 'sun.nio.ch', 'jdk.internal.ref', 'java.lang', 'java.util'];

export const openedPackages = opened.map((name) => `--add-opens=java.base/${name}=ALL-UNNAMED`);
