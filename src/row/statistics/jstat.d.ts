/** The part of jStat that is used here. The package ships no types. */
declare module 'jstat' {
  interface Distribution<P extends number[]> {
    cdf(x: number, ...parameters: P): number
    inv(p: number, ...parameters: P): number
  }
  const jStat: {
    normal: Distribution<[mean: number, sd: number]>
    studentt: Distribution<[degreesOfFreedom: number]>
    beta: Distribution<[alpha: number, beta: number]>
  }
  export default jStat
}
