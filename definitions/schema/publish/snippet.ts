/** A worked snippet: the sections that make the point of a construct. An invented county: nothing in it is a rule of a real notice. */
export interface Snippet {
  /** K-number of the construct. */
  readonly construct: string;
  readonly zh: string;
  readonly en: string;
  readonly yaml: string;
}
