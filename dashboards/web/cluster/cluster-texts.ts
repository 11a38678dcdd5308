// Selects the texts of the cluster pages by language.

import type { Language } from '../strings.ts';
import { clusterEn } from './texts-en.ts';
import { clusterZh } from './texts-zh.ts';

export type ClusterWords = typeof clusterEn;

export const clusterLanguages: Readonly<Record<Language, ClusterWords>> = { en: clusterEn, zh: clusterZh };
