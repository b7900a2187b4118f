import socket,time
a=socket.create_connection(('127.0.0.1',18799)); 
b=socket.create_connection(('127.0.0.1',18799)); b.send(b'GET /healthz HTTP/1.1\r\nhos')
t=time.time()
for s,n in((a,'silent'),(b,'half head')):
    s.settimeout(45)
    try: d=s.recv(100)
    except Exception as e: d=e
    print(n, round(time.time()-t,1), d)
