/** All of polvo. */
export * from 'polvo'
