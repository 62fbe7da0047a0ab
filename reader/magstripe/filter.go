package magstripe

import "math"

// gaussian returns a kernel of unit sum with a standard deviation in samples. It
// delays all frequencies alike, so that it shifts no peak against another.
func gaussian(sigma float64) []float64 {
	sigma = max(sigma, 0.1)
	half := int(math.Ceil(3.5 * sigma))
	kernel := make([]float64, 2*half+1)
	sum := 0.0
	for i := range kernel {
		d := float64(i-half) / sigma
		kernel[i] = math.Exp(-d * d / 2)
		sum += kernel[i]
	}
	for i := range kernel {
		kernel[i] /= sum
	}
	return kernel
}

// convolve filters with a symmetric kernel, the ends held.
func convolve(in, kernel []float64) []float64 {
	half := len(kernel) / 2
	out := make([]float64, len(in))
	if len(in) == 0 {
		return out
	}
	at := func(i int) float64 { return in[max(0, min(len(in)-1, i))] }
	for n := range in {
		if n < half || n+half >= len(in) {
			for i, k := range kernel {
				out[n] += k * at(n+i-half)
			}
			continue
		}
		// Folded: the kernel is symmetric.
		window := in[n-half : n+half+1]
		sum := kernel[half] * window[half]
		for i := range half {
			sum += kernel[i] * (window[i] + window[len(window)-1-i])
		}
		out[n] = sum
	}
	return out
}

// smooth filters with three running means, which together are close to a Gaussian
// and cost the same at any width.
func smooth(in []float64, sigma float64) []float64 {
	// The variance of a running mean of odd length L is (L*L-1)/12.
	half := int(math.Round((math.Sqrt(4*sigma*sigma+1) - 1) / 2))
	if half < 1 || len(in) == 0 {
		return in
	}
	a, b := make([]float64, len(in)), make([]float64, len(in))
	runningMean(a, in, half)
	runningMean(b, a, half)
	runningMean(a, b, half)
	return a
}

// runningMean averages 2*half+1 samples into out, the ends held.
func runningMean(out, in []float64, half int) {
	last := len(in) - 1
	sum := in[0] * float64(half)
	for i := 0; i <= half; i++ {
		sum += in[min(last, i)]
	}
	scale := 1 / float64(2*half+1)
	for n := range in {
		out[n] = sum * scale
		sum += in[min(last, n+half+1)] - in[max(0, n-half)]
	}
}

// interpolate raises the sample rate by a whole factor with a windowed sinc, the
// band-limited reading of the samples.
func interpolate(in []float64, factor int) []float64 {
	const reach = 12
	out := make([]float64, len(in)*factor)
	for phase := range factor {
		shift := float64(phase) / float64(factor)
		var kernel [2*reach + 1]float64
		for i := range kernel {
			kernel[i] = windowedSinc(float64(i-reach)-shift, reach+1)
		}
		for n := range in {
			lo, hi := max(0, n-reach), min(len(in)-1, n+reach)
			sum := 0.0
			for j := lo; j <= hi; j++ {
				sum += in[j] * kernel[j-n+reach]
			}
			out[n*factor+phase] = sum
		}
	}
	return out
}

// decimate lowers the sample rate by a whole factor, without what would alias.
func decimate(in []float64, factor int) []float64 {
	if factor == 1 {
		return in
	}
	reach := 12 * factor
	kernel := make([]float64, 2*reach+1)
	sum := 0.0
	for i := range kernel {
		// 0.9 leaves room for the filter's slope below half the new rate.
		kernel[i] = windowedSinc(float64(i-reach)*0.9/float64(factor), 12)
		sum += kernel[i]
	}
	out := make([]float64, 0, len(in)/factor+1)
	for n := 0; n < len(in); n += factor {
		value := 0.0
		for i, k := range kernel {
			value += k * in[max(0, min(len(in)-1, n+i-reach))]
		}
		out = append(out, value/sum)
	}
	return out
}

// windowedSinc is sin(pi x)/(pi x) under a Hann window that ends at +-reach.
func windowedSinc(x, reach float64) float64 {
	if math.Abs(x) >= reach {
		return 0
	}
	if x == 0 {
		return 1
	}
	return math.Sin(math.Pi*x) / (math.Pi * x) * (0.5 + 0.5*math.Cos(math.Pi*x/reach))
}
