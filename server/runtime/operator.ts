import { operatorToken, readSecrets } from '../secrets.js';

/** The token of who may set up the Duban of this home: derived from its secrets. Errors: `secrets-missing`, `secrets-invalid`. */
export const readOperatorToken = (secretsFile: string): string => operatorToken(readSecrets(secretsFile));
