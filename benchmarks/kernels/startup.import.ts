/** A program that imports all of polvo. Fair: no name can be left out of the bundle. */
import * as polvo from 'polvo'

console.log(Object.keys(polvo).length)
