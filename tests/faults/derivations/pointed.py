"""Wrong and right gradients that were thought up, not drawn: each is of a kind that the generators do not know.

Thresholds far and near, values near 0 in all entries, comparisons of what is computed, products of comparisons, sizes
and positions that are compared, labels, deltas, windows, extrema of several arguments, tiny and huge constants.
"""

from collections.abc import Iterator

CASES: list[tuple[str, str, list[str], list[str]]] = [  # program, gradient, right lines, wrong lines
    (
        "L = -mean[s](log(sum[k](where(k == y[s], P[s,k], 0))))",
        "dP[s,k]",
        ["-1/(size[s]*P[s,k])*where(k == y[s],1,0)"],
        ["-1/(size[s]*P[s,k])", "0"],
    ),
    (
        "L = mean[s](where(y[s] == -100, 0, -log(P[s,y[s]])))",
        "dP[s,k]",
        ["where(y[s] == -100, 0, -where(k==y[s],1,0)/(size[s]*P[s,k]))"],
        ["-where(k==y[s],1,0)/(size[s]*P[s,k])*2"],
    ),
    (
        "Y[i] = where(x[i] > 5, x[i]^2, 3*x[i])",
        "dx[i]",
        ["dY[i]*where(x[i]>5,2*x[i],3)"],
        ["3*dY[i]", "dY[i]*where(x[i]>4.9,2*x[i],3)", "dY[i]*where(x[i]>5.01,2*x[i],3)"],
    ),
    (
        "Y[i] = where(x[i] > 1e3, x[i]^2, 3*x[i])",
        "dx[i]",
        ["dY[i]*where(x[i]>1000,2*x[i],3)"],
        ["3*dY[i]", "dY[i]*where(x[i]>999,2*x[i],3)"],
    ),
    (
        "Y[i] = where(abs(x[i]) < 1e-3, x[i]^2, x[i])",
        "dx[i]",
        ["dY[i]*where(abs(x[i])<1e-3,2*x[i],1)"],
        ["dY[i]", "dY[i]*where(x[i]<1e-3,2*x[i],1)", "dY[i]*where(abs(x[i])<2e-3,2*x[i],1)"],
    ),
    (
        "Y[i] = where(abs(x[i]) < 1e-3, 0, log(abs(x[i])))",
        "dx[i]",
        ["dY[i]*where(abs(x[i])<1e-3,0,1/x[i])"],
        ["dY[i]/x[i]"],
    ),
    (
        "z[i] = a[i]*x[i] + b[i]\nY[i] = where(z[i] > 2, z[i]^2, z[i])",
        "da[i]",
        ["dY[i]*x[i]*where(z[i]>2,2*z[i],1)"],
        ["dY[i]*x[i]", "dY[i]*x[i]*where(z[i]>2,2*z[i],0)", "dY[i]*x[i]*where(x[i]>2,2*z[i],1)"],
    ),
    (
        "z = sum[j](x[j]^2)\nY[i] = where(z > 50, x[i], 0)",
        "dx[i]",
        ["dY[i]*where(z>50,1,0)"],
        ["dY[i]", "0", "dY[i]*where(z>49,1,0)"],
    ),
    (
        "Y[i] = where((x[i] > 0)*(x[i] < 1) == 1, x[i]^2, x[i])",
        "dx[i]",
        ["dY[i]*where((x[i]>0)*(x[i]<1)==1,2*x[i],1)", "dY[i]*where(x[i]>0,where(x[i]<1,2*x[i],1),1)"],
        ["dY[i]*where(x[i]>0,2*x[i],1)", "dY[i]*where(x[i]<1,2*x[i],1)"],
    ),
    (
        "Y[i] = x[i]*(x[i]>100)*(x[i]<101)",
        "dx[i]",
        ["dY[i]*(x[i]>100)*(x[i]<101)"],
        ["dY[i]*(x[i]>100)", "0", "dY[i]*(x[i]<101)"],
    ),
    (
        "Y[i] = where(a[i] > 0, where(b[i] > 0, where(c[i] > 0, x[i]^2, x[i]), 2*x[i]), 3*x[i])",
        "dx[i]",
        ["dY[i]*where(a[i]>0,where(b[i]>0,where(c[i]>0,2*x[i],1),2),3)"],
        [
            "dY[i]*where(a[i]>0,where(b[i]>0,where(c[i]>0,2*x[i],2),2),3)",
            "dY[i]*where(a[i]>0,where(b[i]>0,2*x[i],2),3)",
        ],
    ),
    (
        "Y[i] = where(a[i] == 1, where(b[i] == 2, where(c[i] == 3, x[i]^2, x[i]), x[i]), x[i])",
        "dx[i]",
        ["dY[i]*where(a[i]==1,where(b[i]==2,where(c[i]==3,2*x[i],1),1),1)"],
        ["dY[i]", "dY[i]*where(a[i]==1,where(b[i]==2,2*x[i],1),1)"],
    ),
    ("Y[i] = sign(x[i])*x[i]^2", "dx[i]", ["2*dY[i]*abs(x[i])"], ["2*dY[i]*x[i]"]),
    (
        "Y[i] = sum[a](X[i+a]*k[a])\nassume size[a] = 3",
        "dX[i]",
        ["sum[a](where(i >= a, where(i-a < size[i]-2, dY[i-a],0),0)*k[a])"],
        ["sum[a](dY[i-a]*k[a])*2"],
    ),
    (
        "Y[i] = sum[j<=i](X[j]*A[i])",
        "dX[j]",
        ["sum[i](where(j <= i, dY[i]*A[i], 0))"],
        ["sum[i](where(j < i, dY[i]*A[i], 0))", "sum[i](dY[i]*A[i])", "sum[i](where(j >= i, dY[i]*A[i], 0))"],
    ),
    ("Y[i] = delta[i,2]*x[i]", "dx[i]", ["dY[i]*delta[i,2]"], ["dY[i]", "0", "dY[i]*delta[i,1]"]),
    (
        "Y[i,j] = delta[i,j+1]*x[j]",
        "dx[j]",
        ["sum[i](dY[i,j]*delta[i,j+1])"],
        ["sum[i](dY[i,j])", "sum[i](dY[i,j]*delta[i,j])"],
    ),
    (
        "Y[i] = max(x[i], y[i], z[i])",
        "dz[i]",
        ["dY[i]*where(z[i]>max(x[i],y[i]),1,0)"],
        ["dY[i]*where(z[i]>x[i],1,0)", "dY[i]*where(z[i]>y[i],1,0)", "dY[i]*where(z[i]<max(x[i],y[i]),1,0)"],
    ),
    ("Y = max[i](x[i])", "dx[i]", ["dY*where(x[i]==Y,1,0)"], ["dY", "dY*where(x[i]<Y,1,0)", "0"]),
    ("Y[i] = relu(x[i] - 1000)", "dx[i]", ["dY[i]*where(x[i]>1000,1,0)"], ["0", "dY[i]"]),
    (
        "Y[i] = where(m[i] == 1, x[i], -1e9)",
        "dx[i]",
        ["dY[i]*where(m[i]==1,1,0)", "dY[i]*delta[m[i],1]"],
        ["dY[i]", "dY[i]*where(m[i]==0,1,0)", "dY[i]*m[i]"],
    ),
    (
        "Y[i] = where(n[i] > 0, x[i]/n[i], 0)",
        "dx[i]",
        ["dY[i]*where(n[i]>0,1/n[i],0)"],
        ["dY[i]/n[i]", "dY[i]*where(n[i]>0,1,0)"],
    ),
    ("Y[i] = arccos(x[i])", "dx[i]", ["-dY[i]/sqrt(1-x[i]^2)"], ["dY[i]/sqrt(1-x[i]^2)", "-dY[i]/sqrt(1+x[i]^2)"]),
    ("Y[i] = log(x[i]-1e3)", "dx[i]", ["dY[i]/(x[i]-1000)"], ["dY[i]/x[i]", "dY[i]/(x[i]-1001)"]),
    ("Y[i] = sqrt(1 - x[i]^2 - y[i]^2)", "dx[i]", ["-dY[i]*x[i]/Y[i]"], ["-dY[i]*x[i]/Y[i]^2", "dY[i]*x[i]/Y[i]"]),
    ("Y[i] = x[i]*1e-12 + x[i]", "dx[i]", ["dY[i]*(1+1e-12)"], ["dY[i]"]),
    ("Y[i] = 1e12*x[i] + x[i]", "dx[i]", ["dY[i]*(1+1e12)"], ["dY[i]*1e12"]),
    ("Y[i] = exp(x[i]) + 1e-15*x[i]", "dx[i]", ["dY[i]*(exp(x[i])+1e-15)"], ["dY[i]*exp(x[i])"]),
    ("h[t] = a*h[t-1] + x[t]", "dx[t]", [], ["dh[t]", "dh[t]*a", "sum[s](dh[s])"]),
    ("Y[i] = x[i]^n", "dx[i]", ["dY[i]*n*x[i]^(n-1)"], ["dY[i]*x[i]^(n-1)", "dY[i]*n*x[i]^n"]),
    ("Y[i] = abs(x[i] - y[i])", "dy[i]", ["-dY[i]*sign(x[i]-y[i])"], ["dY[i]*sign(x[i]-y[i])", "-dY[i]"]),
    (
        "Y[s] = X[s,y[s]]",
        "dX[s,k]",
        ["dY[s]*where(k==y[s],1,0)"],
        ["dY[s]", "dY[s]*where(k==y[s],1,1)", "dY[s]*where(s==y[s],1,0)"],
    ),
    (
        "Y[t,m] = E[w[t],m]",
        "dE[v,m]",
        ["sum[t](where(v == w[t], dY[t,m], 0))"],
        ["sum[t](dY[t,m])", "where(v==w[0],dY[0,m],0)"],
    ),
    (
        "Y[i] = where(x[i] > y[i], x[i], y[i]^2)",
        "dy[i]",
        ["dY[i]*where(x[i]>y[i],0,2*y[i])"],
        ["dY[i]*where(x[i]>y[i],1,2*y[i])", "2*dY[i]*y[i]"],
    ),
    ("Y[i] = x[i]*where(i == 7, 2, 1)", "dx[i]", ["dY[i]*where(i==7,2,1)"], ["dY[i]"]),
    ("Y[i] = x[i]*where(size[i] > 6, 2, 1)", "dx[i]", ["dY[i]*where(size[i]>6,2,1)"], ["dY[i]"]),
    ("Y[i] = x[i]*where(size[i] == 1, 2, 1)", "dx[i]", ["dY[i]*where(size[i]==1,2,1)"], ["dY[i]"]),
    (
        "Y[i,j] = where(X[i,j] == max[k](X[i,k]), X[i,j], 0)",
        "dX[i,j]",
        ["dY[i,j]*where(X[i,j]==max[k](X[i,k]),1,0)"],
        ["dY[i,j]", "0"],
    ),
    (
        "r = mean[i](where(x[i] > t, 1, 0))\nY[i] = where(r > 0.5, x[i], 2*x[i])",
        "dx[i]",
        ["dY[i]*where(r>0.5,1,2)"],
        ["dY[i]", "2*dY[i]"],
    ),
    (
        "Y[i] = where(sum[j](x[j]) > 20, x[i]^2, x[i])",
        "dx[i]",
        ["dY[i]*where(sum[j](x[j])>20,2*x[i],1)"],
        ["dY[i]", "dY[i]*where(x[i]>20,2*x[i],1)"],
    ),
    (
        "Y[i] = where(x[i]*y[i] > 100, x[i], 2*x[i])",
        "dx[i]",
        ["dY[i]*where(x[i]*y[i]>100,1,2)"],
        ["2*dY[i]", "dY[i]*where(x[i]>100,1,2)"],
    ),
    ("Y[i] = where(exp(x[i]) > 100, x[i], 2*x[i])", "dx[i]", ["dY[i]*where(exp(x[i])>100,1,2)"], ["2*dY[i]"]),
    (
        "Y[i] = where(x[i]^2 + y[i]^2 < 0.0001, x[i], 2*x[i])",
        "dx[i]",
        ["dY[i]*where(x[i]^2+y[i]^2<0.0001,1,2)"],
        ["2*dY[i]"],
    ),
    (
        "Y[i] = x[i]*where(c[i] == 1, 1, where(c[i] == 2, 2, where(c[i] == 3, 3, 4)))",
        "dx[i]",
        ["dY[i]*where(c[i]==1,1,where(c[i]==2,2,where(c[i]==3,3,4)))"],
        ["dY[i]*where(c[i]==1,1,where(c[i]==2,2,4))"],
    ),
    (
        "Y[i] = x[i]*where(c[i] == 1, where(d[i] == 4, where(e[i] == 17, 9, 3), 2), 1)",
        "dx[i]",
        ["dY[i]*where(c[i]==1,where(d[i]==4,where(e[i]==17,9,3),2),1)"],
        ["dY[i]*where(c[i]==1,where(d[i]==4,3,2),1)"],
    ),
    (
        "Y[i,j] = x[i]*where(s[i] == s[j], 1, 0)*where(d[i] != d[j], 1, 0)",
        "dx[i]",
        ["sum[j](dY[i,j]*where(s[i]==s[j],1,0)*where(d[i]!=d[j],1,0))"],
        ["sum[j](dY[i,j]*where(s[i]==s[j],1,0))", "sum[j](dY[i,j]*where(d[i]!=d[j],1,0))", "0"],
    ),
]


def list_pairs() -> Iterator[tuple[str, bool]]:
    """Each derivation, and whether it is right."""
    for program, gradient, right, wrong in CASES:
        forward = "".join(f"    {line}\n" for line in program.splitlines())
        for line in (*right, *wrong):
            yield f"forward\n{forward}gradient {gradient}\n    = {line}\n", line in right
