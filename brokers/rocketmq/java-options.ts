// Lists the Java options that every program of RocketMQ needs.

/** Packages that RocketMQ uses by reflection, and that Java 16 and newer do not open. */
const opened = ['java.nio', 'sun.nio.ch', 'jdk.internal.ref', 'java.lang', 'java.util'];

export const openedPackages = opened.map((name) => `--add-opens=java.base/${name}=ALL-UNNAMED`);
