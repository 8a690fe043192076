/** Something to know although the run went on. Codes are stable. */
export interface Warning {
  code: string
  message: string
  /** Field of the configuration it is about. */
  path?: string
  hint?: string
}
