// Selects the texts of the cluster pages by language.

import type { Language } from '../strings.ts';
import { clusterEn } from './texts-en.ts';
import { clusterZh } from './texts-zh.ts';

export type ClusterTexts = typeof clusterEn;

export const clusterLanguages: Readonly<Record<Language, ClusterTexts>> = { en: clusterEn, zh: clusterZh };
