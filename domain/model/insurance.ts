/** How the kinds of residents' insurance are printed; a kind that is not known here is printed by its id. */
const TITLES: Readonly<Record<string, string>> = { pension: '养老保险', medical: '医疗保险' };

export const insuranceTitle = (insurance: string): string => TITLES[insurance] ?? insurance;
